# The breach register in the demo: three breaches at different stages, so that `breach due` shows a
# limit that is near, one that was met and one that was missed.  Sourced by run.sh, which has say,
# step and $demo; the server runs.

ago() { # "9 days": that instant in Amsterdam, as ISO 8601 with its offset
    TZ=Europe/Amsterdam date -d "-$1" +%Y-%m-%dT%H:%M%:z
}

# In place of the mail system of a real machine: keeps every mail in build/demo/mail.
mkdir -m 700 "$demo/mail"
cat >"$demo/sendmail" <<'SENDMAIL'
#!/bin/sh
exec cat >"$(dirname "$0")/mail/$(date +%s%N).$$"
SENDMAIL
chmod 755 "$demo/sendmail"

cat >"$demo/laptop.conf" <<BREACH
# What an editor shows when waarborg breach open is called without -f, with explanations.
title = Laptop met klantenlijst gestolen
what_happened =
    Uit een auto in Utrecht is een laptop gestolen.  Op de schijf, die niet
    versleuteld was, stond een lijst van klanten met naam, adres en rekeningnummer.
occurred_from = $(ago '69 hours')
ongoing = no
discovered_at = $(ago '67 hours')
discovered_how = melding van de medewerker
aware_at = $(ago '66 hours')
nature = confidentiality, availability
incident_type = device_or_paper_lost_stolen
cause = external_intentional
data_ordinary = name, contact, financial
people_groups = customers
protection = no
consequences = conf_wider, conf_misused
harm = control_lost, identity_fraud
severity = significant
reporter_name = B. Jansen
reporter_function = security officer
reporter_phone = +31 20 000 00 01
reporter_email = security@voorbeeld.example
summary_nl =
    Een laptop van een medewerker is gestolen.  Op de laptop stond een lijst met
    uw naam, uw adres en uw rekeningnummer.
summary_en =
    A laptop of one of our employees was stolen.  It held a list with your name,
    your address and your account number.
measures_nl = Wij hebben de laptop op afstand geblokkeerd en aangifte gedaan.
measures_en = We have blocked the laptop from a distance and told the police.
advice_nl =
    Let de komende tijd op afschrijvingen die u niet kent, en klik niet op
    betaalverzoeken die u niet verwacht.
advice_en =
    Watch your account for payments you do not know, and do not follow payment
    requests you do not expect.
BREACH

# These happen now, not on the day of the nights.
register="-c $demo/waarborg.conf"
# shellcheck disable=SC2086 # $register is a list of words throughout
{
    say "17. Security: nine days ago a letter went to the wrong address.  It was reported in time, and the rest follows"
    step 0 waarborg -q $register breach open --set "title=Brief naar verkeerd adres" \
        --set "what_happened=Een brief met een incassodossier is bij de buren bezorgd en open teruggekomen." \
        --set "aware_at=$(ago '9 days')" --set nature=confidentiality \
        --set incident_type=sent_to_wrong_recipient --set occurred_unknown=yes
    step 0 waarborg -q $register breach assess DL-2026-1 --ap yes --customers no \
        --because "een klant, buren zijn bekend en hebben de brief teruggegeven; wel een incassodossier" \
        --enisa dpc=financial,ei=1,c=known
    step 0 waarborg -q $register breach notify DL-2026-1 ap --kind initial --sent "$(ago '8 days')" --number 2026-004711

    say "18. Five days ago somebody found customer data of another in the portal, and told nobody: too late"
    step 0 waarborg -q $register breach open --set "title=Gegevens van een andere klant in het portaal" \
        --set "what_happened=Na een storing zag een klant de gegevens van een ander." \
        --set "aware_at=$(ago '5 days')" --set nature=confidentiality \
        --set incident_type=wrong_customer_in_portal --set occurred_unknown=yes

    say "19. And last Friday a laptop was stolen: registered from a file, and assessed"
    step 0 waarborg -q $register breach open -f "$demo/laptop.conf"
    step 0 waarborg -q $register breach assess DL-2026-3 --risk high --ap yes --customers yes \
        --because "niet versleuteld, financiële gegevens, dader onbekend" \
        --enisa dpc=financial,ei=1,c=unknown,malicious=yes
    step 0 waarborg -q $register breach amend DL-2026-3 --because "wat er is gedaan" \
        --measure "mitigate taken: de laptop is op afstand geblokkeerd" \
        --measure "prevent proposed: alle schijven worden versleuteld"

    say "20. Whose data were on it?  Everybody who visited the page of the export, through the keys of the graph"
    step 0 waarborg -q $register breach affected DL-2026-3 --table klant.web_visit --where "id <= 40"

    say "21. They stay until they have been told, whatever the rules say: a plan of 2033"
    step 0 waarborg -c "$demo/waarborg.conf" --as-of 2033-06-01 retention plan

    say "22. The form of the AP, filled in as far as the register goes: the beginning of it"
    step 0 waarborg -q $register breach draft DL-2026-3 ap --lang nl --out "$demo/ap.txt"
    step 0 waarborg -q $register breach draft DL-2026-3 ap --lang nl --format html --out "$demo/ap.html"
    step 0 head -n 22 "$demo/ap.txt"

    say "23. The letters to the customers, in their own language"
    step 0 waarborg -q $register breach letters DL-2026-3 --out "$demo/letters"
    step 0 ls "$demo/letters"

    say "24. Every quarter of an hour cron sends what is due, each step once"
    step 0 waarborg $register breach remind
    step 0 waarborg $register breach remind

    say "25. What is due?  One missed, one near, one met"
    step 1 waarborg -q $register breach due
    step 2 waarborg -q $register breach due --nagios

    say "26. And every change of the register is a line of the audit log"
    step 0 waarborg $register evidence verify
}
