-- The licensed products that occur, for the calendar to match: few names, however many accounts.
SELECT product
FROM licences
WHERE known_from <= {known_by:DateTime64(3, 'UTC')} AND seen <= toDate({as_of:DateTime64(3, 'UTC')})
GROUP BY product
ORDER BY product
