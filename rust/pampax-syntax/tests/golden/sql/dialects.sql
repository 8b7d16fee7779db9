-- Written for this project: statements of other dialects, which the grammar reads in part.

CREATE TABLE before (id int);

CREATE FUNCTION p(x int) LANGUAGE sql AS $$ INSERT INTO users VALUES (x); $$;

CREATE TABLE between_them (id int) ENGINE=InnoDB;

DELIMITER //
CREATE PROCEDURE count_users (OUT total INT)
BEGIN
  SELECT COUNT(*) INTO total FROM users;
END//
DELIMITER ;

CREATE OR REPLACE PROCEDURE add_user(INOUT id int)
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO users VALUES (id);
END;
$$;

CREATE TABLE after (id int);
