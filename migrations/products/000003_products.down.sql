DROP TABLE reservations;
DROP TABLE products;
DROP TABLE categories;
