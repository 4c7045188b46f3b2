DROP TABLE saga_log;
DROP TABLE saga_participants;
DROP TABLE sagas;
