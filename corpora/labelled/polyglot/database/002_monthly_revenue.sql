CREATE VIEW monthly_revenue AS
SELECT date_trunc('month', p.received_at) AS month,
       s.port_from || ' - ' || s.port_to  AS route,
       sum(p.cents) / 100.0               AS revenue,
       count(DISTINCT b.id)               AS bookings
FROM payment p
JOIN booking b ON b.id = p.booking_id
JOIN sailing s ON s.id = b.sailing_id
WHERE b.status = 'paid'
GROUP BY 1, 2;
