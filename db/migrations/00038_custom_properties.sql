-- +goose Up

-- For PostgreSQL alone: whether custom properties, a JSON object or '', have one with
-- this name and this value, any value where none is given. Of a list one element is
-- enough. SQLite calls hasProperty in db/custom_property.go.

-- +goose StatementBegin
CREATE FUNCTION neptun_has_property(properties text, name text, wanted text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
SELECT CASE WHEN properties = '' THEN FALSE ELSE EXISTS (
    SELECT 1
    FROM (SELECT CAST(properties AS jsonb) -> name AS value) AS p
    CROSS JOIN LATERAL jsonb_array_elements(
        CASE jsonb_typeof(p.value) WHEN 'array' THEN p.value WHEN 'null' THEN '[]' ELSE jsonb_build_array(p.value) END
    ) AS element
    WHERE p.value IS NOT NULL
      AND (wanted = '' OR element #>> '{}' = wanted)
) END
$$;
-- +goose StatementEnd
