#include "jobs/report/pack_readme.h"

#include <inttypes.h>

/* Lines of text in one of the two languages; commands are in pack_check_* below. */
static void say(struct text *t, const struct document *d, const char *en, const char *nl)
{
    text_add(t, document_words(d, (struct words){en, nl}));
}

static void add_heading(struct text *t, const struct document *d)
{
    say(t, d, "Evidence pack", "Bewijsdossier");
    text_addf(t, "\n%s%s%s\n", d->organisation, d->registration == NULL ? "" : ", ",
              d->registration == NULL ? "" : d->registration);
    say(t, d, "Period ", "Periode ");
    text_addf(t, "%s ", d->from);
    say(t, d, "up to and including ", "tot en met ");
    text_addf(t, "%s; ", d->to);
    say(t, d, "judged by ", "beoordeeld naar ");
    text_addf(t, "%s (%s).\n", d->as_of, d->timezone);
    say(t, d, "Made by ", "Gemaakt door ");
    text_addf(t, "%s.\n\n", d->program);
}

static void add_contents(struct text *t, const struct document *d)
{
    say(t, d,
        "What is in it\n"
        "-------------\n"
        "reports/               every report as a page to read and print (html), and the same\n"
        "                       figures as data (json, csv); summary.html is where to begin\n"
        "reports/runs/          one for each night that disposed of anybody, or that went wrong\n"
        "reports/breaches/      one for each data breach of breaches.html\n"
        "tables/                every table of the reports as a file of its own (csv)\n"
        "evidence/journal.jsonl what was written outside the database, as it happened; each line\n"
        "                       holds the SHA-256 of the line before it\n"
        "evidence/manifests/    what each archive file holds, without names or other data: a\n"
        "                       pseudonym and a date stand for each person; each manifest holds\n"
        "                       the SHA-256 of the one before it\n"
        "SHA256SUMS             the SHA-256 of each of these files\n\n"
        "The register of breaches is there from the day that breaches.html says, not only of the\n"
        "period.  A run on which nothing happened has no record of its own: it is a line of\n"
        "retention.html.  In csv a value that a spreadsheet would take for a formula has an\n"
        "apostrophe before it.\n"
        "Treat this pack as confidential: pseudonyms are personal data, and the reports about\n"
        "breaches name contact persons and hold texts that people wrote.\n\n",
        "Wat erin zit\n"
        "------------\n"
        "reports/               elk rapport als pagina om te lezen en af te drukken (html), en\n"
        "                       dezelfde cijfers als gegevens (json, csv); begin bij summary.html\n"
        "reports/runs/          een voor elke nacht waarin gegevens van personen zijn verwijderd,\n"
        "                       of die niet goed verliep\n"
        "reports/breaches/      een voor elk datalek van breaches.html\n"
        "tables/                elke tabel van de rapporten als bestand (csv)\n"
        "evidence/journal.jsonl wat buiten de database is vastgelegd, toen het gebeurde; elke "
        "regel\n"
        "                       bevat de SHA-256 van de regel ervoor\n"
        "evidence/manifests/    wat elk archiefbestand bevat, zonder namen of andere gegevens: "
        "een\n"
        "                       pseudoniem en een datum staan voor elke persoon; elk manifest\n"
        "                       bevat de SHA-256 van het vorige\n"
        "SHA256SUMS             de SHA-256 van elk van deze bestanden\n\n"
        "Het register van datalekken is er vanaf de dag die breaches.html noemt, niet alleen van\n"
        "de periode.  Een run waarin niets gebeurde heeft geen eigen verantwoording: hij is een\n"
        "regel van retention.html.  In csv staat voor een waarde die een rekenblad voor een\n"
        "formule zou houden een apostrof.\n"
        "Behandel dit dossier vertrouwelijk: pseudoniemen zijn persoonsgegevens, en de rapporten\n"
        "over datalekken noemen contactpersonen en bevatten teksten die mensen schreven.\n\n");
}

static void add_how(struct text *t, const struct document *d)
{
    say(t, d,
        "How to check it\n"
        "---------------\n"
        "Neither the program nor the database is needed: a shell with GNU coreutils, find and\n"
        "grep, and openssl when the pack is signed, in this directory.  Copy the lines that are\n"
        "indented; behind each step stands what must appear.  First, whether all is there:\n\n",
        "Hoe u het controleert\n"
        "---------------------\n"
        "Het programma en de database zijn niet nodig: een shell met GNU coreutils, find en grep,\n"
        "en openssl als het dossier is ondertekend, in deze map.  Neem de ingesprongen regels\n"
        "over; achter elke stap staat wat er moet verschijnen (de uitkomsten zijn in het Engels).\n"
        "Eerst of alles er is:\n\n");
    text_add(t, "    export LC_ALL=C\n"
                "    for tool in sha256sum find grep sort cut wc; do\n"
                "        command -v $tool >/dev/null || echo \"MISSING: $tool\"\n"
                "    done\n\n");
}

static void add_sums_step(struct text *t, const struct document *d, bool with_signature)
{
    say(t, d, "1. Every file is as it was when the pack was made; none was added or taken out.\n\n",
        "1. Elk bestand is zoals toen het dossier werd gemaakt; er is niets bij gekomen of af\n"
        "   gegaan.\n\n");
    text_addf(t,
              "    sha256sum --strict --quiet -c SHA256SUMS && echo \"every file is as it was\" || "
              "echo \"A FILE WAS CHANGED\"\n"
              "    listed=$(cut -c 67- SHA256SUMS | sort)\n"
              "    found=$(find . ! -type d ! -path ./SHA256SUMS%s | cut -c 3- | sort)\n"
              "    [ -n \"$found\" ] && [ \"$listed\" = \"$found\" ] && echo \"no file was added\" "
              "|| echo \"FILES WERE ADDED OR TAKEN OUT\"\n\n"
              "   -> every file is as it was; no file was added\n\n",
              with_signature ? " ! -path ./SHA256SUMS.p7s" : "");
}

static void add_signature_step(struct text *t, const struct document *d, bool with_signature)
{
    if (!with_signature) {
        say(t, d,
            "2. This pack is not signed: whoever could change a file could change SHA256SUMS,\n"
            "   too, and this README.  Ask the organisation for the SHA-256 of SHA256SUMS by\n"
            "   another route (by telephone, in a letter), and compare.  That shows that nothing\n"
            "   was changed since then, not that it was right before.\n\n",
            "2. Dit dossier is niet ondertekend: wie een bestand kon wijzigen, kon ook SHA256SUMS\n"
            "   en deze README wijzigen.  Vraag de organisatie langs een andere weg (telefoon,\n"
            "   brief) om de SHA-256 van SHA256SUMS, en vergelijk.  Dat toont dat er sindsdien\n"
            "   niets is gewijzigd, niet dat het daarvoor juist was.\n\n");
        text_add(t, "    sha256sum SHA256SUMS\n\n");
        return;
    }
    say(t, d,
        "2. SHA256SUMS was signed with the key that belongs to signer.pem.  Whose certificate\n"
        "   that is you know only when you ask for its fingerprint by another route (by\n"
        "   telephone, in a letter), and compare.\n\n",
        "2. SHA256SUMS is ondertekend met de sleutel die bij signer.pem hoort.  Van wie dat\n"
        "   certificaat is weet u pas als u langs een andere weg (telefoon, brief) om de\n"
        "   vingerafdruk vraagt, en vergelijkt.\n\n");
    text_add(t,
             "    openssl cms -verify -binary -inform DER -in SHA256SUMS.p7s -content SHA256SUMS "
             "-certfile signer.pem -noverify -out /dev/null\n"
             "    openssl x509 -in signer.pem -noout -subject -dates -fingerprint -sha256\n\n"
             "   -> CMS Verification successful\n\n");
}

static void add_journal_step(struct text *t, const struct document *d,
                             const struct pack_evidence *e)
{
    say(t, d,
        "3. No line of the journal was changed, taken out or put in: each follows the one "
        "before.\n\n",
        "3. Geen regel van het journaal is gewijzigd, weggehaald of toegevoegd: elke volgt op de\n"
        "   vorige.\n\n");
    text_addf(t,
              "    previous=%s\n"
              "    while IFS= read -r line; do\n"
              "        case $line in\n"
              "        *\",\\\"prev\\\":\\\"$previous\\\"}\") ;;\n"
              "        *) echo \"DOES NOT FOLLOW: $line\" ;;\n"
              "        esac\n"
              "        previous=$(printf %%s \"$line\" | sha256sum | cut -c 1-64)\n"
              "    done <evidence/journal.jsonl\n"
              "    echo \"$(wc -l <evidence/journal.jsonl) lines, the last is $previous\"\n\n",
              e->previous_line);
    text_addf(t, "   -> %" PRIu64 " lines, the last is %s\n", e->lines, e->last_line);
    say(t, d,
        "   and no line that DOES NOT FOLLOW.  Nothing follows the last line, so that only its\n"
        "   SHA-256 guards it: the next pack begins with it when its period follows this one.\n\n",
        "   en geen regel die DOES NOT FOLLOW.  Op de laatste regel volgt niets, zodat alleen de\n"
        "   SHA-256 ervan hem bewaakt: het volgende dossier begint ermee als de periode ervan\n"
        "   aansluit.\n\n");
}

static void add_manifest_steps(struct text *t, const struct document *d,
                               const struct pack_evidence *e)
{
    say(t, d, "4. The manifests are those that the journal names, and no others.\n\n",
        "4. De manifesten zijn die welke het journaal noemt, en geen andere.\n\n");
    text_addf(
        t,
        "    named=$(grep -o '\"manifest_sha256\":\"[0-9a-f]*\"' evidence/journal.jsonl | "
        "cut -d '\"' -f 4 | sort)\n"
        "    found=$(find evidence/manifests -type f -exec sha256sum {} + | cut -c 1-64 | sort)\n"
        "    [ -n \"$found\" ] && [ \"$named\" = \"$found\" ] && echo \"$(echo \"$found\" | wc -l) "
        "manifests, as the journal says\" || echo \"THEY DIFFER\"\n\n"
        "   -> %" PRIu64 " manifests, as the journal says\n\n",
        e->manifests);
    say(t, d, "5. The manifests form one chain, each under the name of its archive file.\n\n",
        "5. De manifesten vormen één keten, elk onder de naam van zijn archiefbestand.\n\n");
    text_addf(t,
              "    find evidence/manifests -type f | while read -r file; do\n"
              "        echo \"$(grep -o '\"chain_no\":[0-9]*' \"$file\" | cut -d : -f 2) $file\"\n"
              "    done | sort -n | {\n"
              "        previous=%s\n"
              "        while read -r number file; do\n"
              "            grep -q \"\\\"previous_sha256\\\":\\\"$previous\\\"\" \"$file\" || echo "
              "\"DOES NOT FOLLOW: $file\"\n"
              "            grep -q \"\\\"name\\\":\\\"$(basename \"$file\" .manifest.json)[.]\" "
              "\"$file\" || echo \"WRONG NAME: $file\"\n"
              "            previous=$(sha256sum <\"$file\" | cut -c 1-64)\n"
              "            last=$number\n"
              "        done\n"
              "        echo \"the chain ends with number $last\"\n"
              "    }\n\n"
              "   -> the chain ends with number %" PRIu64 "\n\n",
              e->previous_manifest, e->first_no + e->manifests - 1);
    say(t, d,
        "6. How many disposals that were, and of how many different people: to compare with\n"
        "   retention.html.\n\n",
        "6. Hoeveel verwijderingen dat waren, en van hoeveel verschillende personen: om met\n"
        "   retention.html te vergelijken.\n\n");
    text_addf(t,
              "    references=$(find evidence/manifests -type f -exec cat {} + | "
              "grep -o '\"reference\":\"[0-9a-f]*\"')\n"
              "    echo \"$(echo \"$references\" | wc -l) disposals of "
              "$(echo \"$references\" | sort -u | wc -l) people\"\n\n"
              "   -> %" PRIu64 " disposals of %" PRIu64 " people\n\n",
              e->subjects, e->people);
}

static void add_rest(struct text *t, const struct document *d)
{
    say(t, d,
        "What this pack cannot show\n"
        "--------------------------\n"
        "The archive files themselves are not in it: they hold personal data, are sealed for the\n"
        "data protection officer, and are destroyed after their term.  Each manifest names its "
        "file\n"
        "with size and SHA-256, to be compared at the organisation (waarborg archive verify).\n"
        "Whether the end of journal and archive was cut off alike shows only against an earlier\n"
        "pack, or a copy of the journal kept elsewhere.\n"
        "The figures of reports/ come from the database; step 6 is the only one that compares\n"
        "some of them with evidence/.  Nothing in evidence/ tells of the breaches: the audit log\n"
        "of the register is in the database, and is checked there against the anchors in the\n"
        "journal (waarborg evidence verify).\n",
        "Wat dit dossier niet kan aantonen\n"
        "---------------------------------\n"
        "De archiefbestanden zelf zitten er niet in: die bevatten persoonsgegevens, zijn "
        "verzegeld\n"
        "voor de functionaris gegevensbescherming, en worden na hun termijn vernietigd.  Elk\n"
        "manifest noemt zijn bestand met grootte en SHA-256, te vergelijken bij de organisatie\n"
        "(waarborg archive verify).\n"
        "Of van journaal en archief beide het einde is afgeknipt, blijkt alleen uit een eerder\n"
        "dossier, of uit een elders bewaarde kopie van het journaal.\n"
        "De cijfers van reports/ komen uit de database; alleen stap 6 vergelijkt er enkele met\n"
        "evidence/.  Niets in evidence/ vertelt van de datalekken: het auditlog van het register\n"
        "zit in de database, en wordt daar vergeleken met de ijkpunten in het journaal (waarborg\n"
        "evidence verify).\n");
}

void pack_readme_add(struct text *t, const struct document *d, const struct pack_evidence *evidence,
                     bool with_signature)
{
    add_heading(t, d);
    add_contents(t, d);
    add_how(t, d);
    add_sums_step(t, d, with_signature);
    add_signature_step(t, d, with_signature);
    if (evidence->lines > 0)
        add_journal_step(t, d, evidence);
    else
        say(t, d, "3. In this period nothing was written into the journal.\n\n",
            "3. In deze periode is niets in het journaal geschreven.\n\n");
    if (evidence->manifests > 0)
        add_manifest_steps(t, d, evidence);
    else
        say(t, d, "4. In this period nobody was disposed of: there are no manifests.\n\n",
            "4. In deze periode is van niemand iets verwijderd: er zijn geen manifesten.\n\n");
    add_rest(t, d);
}
