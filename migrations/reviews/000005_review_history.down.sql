DROP INDEX reviews_latest;
DROP TABLE review_history;
