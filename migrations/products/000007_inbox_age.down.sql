DROP INDEX inbox_age;
