-- Tells the register whether the organisation is a financial undertaking under the Wft (UAVG art. 42).
--
-- $1 boolean  breach.wft_undertaking of the configuration
-- Returns nothing; a row is written only when it changes, and we may write it.
SELECT waarborg.wft_told($1::boolean);
