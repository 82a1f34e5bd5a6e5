-- What the demo's values are made of; gone with the session.

-- A well-spread number of 0 .. n - 1 for an id and a salt that is another for every use.
CREATE FUNCTION pg_temp.pick(id bigint, salt integer, n integer) RETURNS integer
    IMMUTABLE LANGUAGE sql AS $$
    SELECT ((((id * 1103515245 + salt * 7368787 + 12345) % 2147483647 * 48271 % 2147483647) >> 7)
            * 69621 % 2147483647 % n)::integer
$$;

CREATE FUNCTION pg_temp.word(words text[], id bigint, salt integer) RETURNS text
    IMMUTABLE LANGUAGE sql AS $$
    SELECT words[1 + pg_temp.pick(id, salt, cardinality(words))]
$$;

-- Not compressed: the arrays are read once a value.
CREATE TEMPORARY TABLE words WITH (toast_tuple_target = 8160) AS
SELECT ARRAY['Sietske', 'Joost', 'Fenna', 'Wouter', 'Marijke', 'Gerrit', 'Anouk', 'Teun', 'Liesbeth',
             'Hidde', 'Roos', 'Klaas', 'Noortje', 'Bram', 'Femke', 'Sjoerd', 'Hanneke', 'Jelle',
             'Tineke', 'Pieter', 'Willemijn', 'Douwe', 'Saskia', 'Rutger', 'Ilse', 'Maarten',
             'Yusuf', 'Fatima', 'Zoë', 'René', 'Geertruida', 'Thijs'] AS first_names,
       ARRAY['van der Achterberg', 'Boterbloem', 'de Kwaadsteniet', 'Zonneveldt', 'Hoogendijk',
             'Appelboom', 'van Ouwerkerk', 'Nachtegaal', 'Schoonderwoerd', 'Terpstra', 'Wagenaar',
             'Kloosterman', 'ten Broeke', 'Vijverberg', 'Oosterhuis', 'Rietveldt', 'Dijkgraaf',
             'Lammertink', 'van ''t Hof', 'Zeldenrust', 'Molenkamp', 'Buitenhuis', 'Haverkort',
             'Spijkerman', 'Groothedde', 'Weijermars', 'Yıldırım', 'el Bouazzaoui', 'Naaktgeboren',
             'Koekebakker', 'Roggeveen', 'Uittenbogaard', 'van Zuylekom', 'Pannekoek', 'Bierhuizen',
             'Langerak', 'Klaverstijn', 'Duizendstra', 'Mooibroek', 'Sneeuwjacht'] AS surnames,
       ARRAY['Tulpenstraat', 'Kerkweg', 'Lange Voorhout', 'Molenpad', 'Jan van Goyenkade',
             'Nieuwe Binnenweg', 'Oudezijds', 'Parallelweg', 'Wilhelminalaan', 'Vuurtorendijk',
             'Gedempte Gracht', 'Boterdiep', 'Zilvermeeuw', 'Het Ravelijn', 'Brouwersplein',
             '2e Dwarsstraat'] AS streets,
       ARRAY['Amersfoort', 'Zierikzee', 'Groningen', '''s-Hertogenbosch', 'Leeuwarden', 'Apeldoorn',
             'Den Helder', 'Venlo', 'Middelburg', 'Hoorn', 'Zwolle', 'Bergen op Zoom'] AS cities,
       ARRAY['INGB', 'RABO', 'ABNA', 'TRIO', 'ASNB', 'SNSB'] AS banks,
       ARRAY['nl', 'nl', 'nl', 'nl', 'nl', 'nl', 'nl', 'en', 'de', 'fr'] AS languages,
       ARRAY['CV-onderhoud', 'glasvezel 500', 'glasvezel 1000', 'schoonmaak kantoor',
             'tuinonderhoud', 'zonnepanelen huur', 'alarmopvolging', 'verhuisservice'] AS services,
       ARRAY['Factuur klopt niet', 'Monteur kwam niet', 'Storing duurt te lang', 'Lekkage na beurt',
             'Onterechte incasso', 'Schade aan de gevel'] AS complaints,
       ARRAY['De afspraak is twee keer verzet zonder bericht.',
             'Ik heb hierover al drie keer gebeld en krijg geen antwoord.',
             'Het bedrag is hoger dan in de offerte staat.',
             'Graag herstel voor het einde van de maand.',
             'De buren hebben er ook last van.'] AS sentences,
       ARRAY['telefoon', 'e-mail', 'chat', 'brief', 'balie'] AS channels,
       ARRAY['Vraag over de factuur beantwoord', 'Verhuizing doorgegeven', 'Nieuwe afspraak gemaakt',
             'Uitleg over opzegging gegeven', 'Klant wil een kopie van het contract',
             'Teruggebeld, geen gehoor', 'Rekeningnummer gewijzigd'] AS notes,
       ARRAY['/', '/diensten', '/diensten/glasvezel', '/tarieven', '/storing', '/contact',
             '/mijn/facturen', '/mijn/opzeggen', '/zoeken'] AS pages,
       ARRAY['opzeggen per direct', 'factuur maart', 'storing lekkage ketel', 'betalingsregeling',
             'adres wijzigen', 'monteur op zaterdag'] AS searches,
       ARRAY['nieuwsbrief', 'profilering', 'telefonische aanbiedingen', 'delen met partners']
           AS purposes,
       ARRAY['Incassobureau Van Dam', 'Belastingdienst', 'Politie Eenheid Oost', 'Installateur Noord',
             'Geschillencommissie'] AS recipients,
       ARRAY['art. 6(1)(b) AVG: overeenkomst', 'art. 6(1)(c) AVG: wettelijke plicht',
             'art. 6(1)(f) AVG: gerechtvaardigd belang'] AS grounds;
