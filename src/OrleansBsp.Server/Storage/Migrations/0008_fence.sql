-- The fence of a batch: its first statement proves ownership, or the whole batch is rolled back with SQLSTATE BSP01.
-- Batches run as one implicit transaction in one round trip; a guarded update that changed nothing must not let the rest commit.
create function fence(owned boolean) returns void language plpgsql as $f$
begin
  if owned is not true then
    raise exception 'the epoch is not current any more' using errcode = 'BSP01';
  end if;
end $f$;
