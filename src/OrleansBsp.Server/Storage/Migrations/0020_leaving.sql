-- It has been told to stop: what is its own goes to others, and nothing more comes to it.
alter table process add leaving boolean not null default false;
