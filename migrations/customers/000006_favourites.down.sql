DROP TABLE hidden_products;
DROP TABLE favourites;
DROP INDEX cart_lines_product;
DROP TABLE carts;
