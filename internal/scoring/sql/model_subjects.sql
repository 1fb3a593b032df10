-- The subjects by their numbers, with what each is worth: number of the product, points, half-life, cap.
SELECT subject, driver, toJSONString(arrayMap(w -> [toFloat64(w.1), w.2, w.3, toFloat64(w.4)], worth)) FROM run_subjects WHERE run_id = {run_id:String} ORDER BY subject
