-- A follow-up review is known by its id, so that the same one sent twice is one; earlier reviews are given theirs.
update qa_risk_acceptances r set reviews = (
  select jsonb_agg(jsonb_build_object('id', gen_random_uuid()) || review order by n)
  from jsonb_array_elements(r.reviews) with ordinality as each (review, n))
where jsonb_array_length(r.reviews) > 0;
