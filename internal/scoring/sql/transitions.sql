-- How many accounts and products went from which cell to which.
SELECT was, is, toInt64(count()) FROM ({{template "moved"}}) GROUP BY was, is ORDER BY count() DESC, was, is
SETTINGS join_algorithm = 'full_sorting_merge'
