DROP TABLE saga_branches;
