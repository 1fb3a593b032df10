{{define "alone" -}}
{{- /* Spans run side by side, so each on one thread. Rows of one signal meet in one partition, by its id, so partitions are merged each by itself. What
is written has no row twice: there is nothing to merge before it is written. */ -}}
SETTINGS max_threads = 1, do_not_merge_across_partitions_select_final = 1, optimize_on_insert = 0
{{- end}}
