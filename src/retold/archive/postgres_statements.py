"""The SQL of an archive in PostgreSQL."""

from __future__ import annotations

SCHEMA = """
CREATE SCHEMA IF NOT EXISTS retold;
CREATE TABLE IF NOT EXISTS retold.articles(
  number bigserial PRIMARY KEY, id text NOT NULL, date text NOT NULL, url text NOT NULL, outlet text NOT NULL,
  place text NOT NULL, n_words integer NOT NULL, digest bytea NOT NULL UNIQUE, text text NOT NULL, words tsvector NOT NULL);
CREATE INDEX IF NOT EXISTS articles_words ON retold.articles USING gin (words);
CREATE TABLE IF NOT EXISTS retold.words(word text PRIMARY KEY, n bigint NOT NULL);
"""
READ_VERSION = "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'retold'"
COLUMNS = "number, id, date, url, outlet, place, n_words, digest"
INSERT = """
INSERT INTO retold.articles(id, date, url, outlet, place, n_words, digest, text, words)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, array_to_tsvector(%s))
"""
COUNT = """
INSERT INTO retold.words SELECT * FROM unnest(%s::text[], %s::bigint[])
ON CONFLICT (word) DO UPDATE SET n = retold.words.n + excluded.n
"""
# One scan of the index for each word: a query of all words at once could not rank by their rarity. A word counts once an article.
BEST = """
SELECT number, sum(weight) / max(1 + %(k1)s * (1 - %(b)s + %(b)s * n_words / %(mean)s)) AS score
FROM unnest(%(words)s::text[], %(weights)s::float8[]) AS term(word, weight)
CROSS JOIN LATERAL (SELECT number, n_words FROM retold.articles WHERE words @@ word::tsquery) AS matching
GROUP BY number ORDER BY score DESC, number LIMIT %(limit)s
"""
INFO = """
SELECT coalesce(sum(n_words), 0), coalesce(min(nullif(date, '')), ''), coalesce(max(date), ''), count(*) FILTER (WHERE date = ''),
  pg_total_relation_size('retold.articles') + pg_total_relation_size('retold.words') FROM retold.articles
"""
