-- What the privacy law asks for: names go, sums stay.
CREATE FUNCTION erase_passenger(person BIGINT) RETURNS void LANGUAGE sql AS $$
    UPDATE passenger
    SET surname = 'erased', given_name = 'erased', email = NULL, phone = NULL, born = NULL
    WHERE id = person;
    DELETE FROM consent WHERE passenger_id = person;
$$;
