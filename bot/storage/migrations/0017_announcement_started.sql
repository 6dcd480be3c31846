-- Which announcements began today: a day has room for so many of a class.
CREATE INDEX announcement_started ON announcement (started_at);
