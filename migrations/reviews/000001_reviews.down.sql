DROP TABLE ratings;
DROP TABLE reviews;
