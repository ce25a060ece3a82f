-- For writes that follow from rows read before: if one of them is not as it was read, the whole batch is rolled back, and its writer reads again.

create function as_read(unchanged boolean) returns void language plpgsql as $f$
begin
  if unchanged is not true then
    raise exception 'a row has changed since it was read' using errcode = '40001';
  end if;
end $f$;
