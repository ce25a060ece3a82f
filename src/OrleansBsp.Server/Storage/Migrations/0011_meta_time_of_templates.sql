-- As status_at: the last word of Meta on each of these stands, whatever comes late.
alter table template add column category_at timestamptz, add column quality_at timestamptz;
