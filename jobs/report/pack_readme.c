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
        "evidence/manifests/    what each archive file holds, without personal data: a reference\n"
        "                       stands for each person; each manifest holds the SHA-256 of the "
        "one\n"
        "                       before it\n"
        "SHA256SUMS             the SHA-256 of each of these files\n\n",
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
        "evidence/manifests/    wat elk archiefbestand bevat, zonder persoonsgegevens: een\n"
        "                       referentie staat voor elke persoon; elk manifest bevat de SHA-256\n"
        "                       van het vorige\n"
        "SHA256SUMS             de SHA-256 van elk van deze bestanden\n\n");
}

static void add_how(struct text *t, const struct document *d)
{
    say(t, d,
        "How to check it\n"
        "---------------\n"
        "Neither the program nor the database is needed: a shell with sha256sum and openssl, in\n"
        "this directory.  Copy the lines that are indented; behind each step stands what must\n"
        "appear.\n\n",
        "Hoe u het controleert\n"
        "---------------------\n"
        "Het programma en de database zijn niet nodig: een shell met sha256sum en openssl, in "
        "deze\n"
        "map.  Neem de ingesprongen regels over; achter elke stap staat wat er moet verschijnen.\n"
        "(De uitkomsten zijn in het Engels.)\n\n");
}

static void add_sums_step(struct text *t, const struct document *d)
{
    say(t, d, "1. Every file is as it was when the pack was made, and none was added.\n\n",
        "1. Elk bestand is zoals toen het dossier werd gemaakt, en er is niets bij gekomen.\n\n");
    text_add(t,
             "    sha256sum --strict --quiet -c SHA256SUMS && echo \"every file is as it was\"\n"
             "    files=$(find . -type f ! -path './SHA256SUMS*' | wc -l)\n"
             "    [ \"$files\" -eq \"$(wc -l <SHA256SUMS)\" ] && echo \"no file was added\"\n\n");
    say(t, d, "   -> every file is as it was; no file was added\n\n",
        "   -> every file is as it was; no file was added\n\n");
}

static void add_signature_step(struct text *t, const struct document *d, bool with_signature)
{
    if (!with_signature) {
        say(t, d,
            "2. This pack is not signed: whoever could change a file could change SHA256SUMS, "
            "too.\n"
            "   Compare its SHA-256 with what the organisation tells you on another way.\n\n",
            "2. Dit dossier is niet ondertekend: wie een bestand kon wijzigen, kon ook SHA256SUMS\n"
            "   wijzigen.  Vergelijk de SHA-256 ervan met wat de organisatie u langs een andere "
            "weg\n"
            "   meedeelt.\n\n");
        text_add(t, "    sha256sum SHA256SUMS\n\n");
        return;
    }
    say(t, d,
        "2. SHA256SUMS was signed with the key that belongs to signer.pem.  Whose certificate "
        "that\n"
        "   is you know only when you compare its fingerprint with what the organisation tells\n"
        "   you on another way.\n\n",
        "2. SHA256SUMS is ondertekend met de sleutel die bij signer.pem hoort.  Van wie dat\n"
        "   certificaat is weet u pas als u de vingerafdruk vergelijkt met wat de organisatie u\n"
        "   langs een andere weg meedeelt.\n\n");
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
    text_addf(t, "   -> %" PRIu64 " lines, the last is ...", e->lines);
    say(t, d, "; nothing DOES NOT FOLLOW\n", "; geen DOES NOT FOLLOW\n");
    say(t, d,
        "   The next pack begins with that last SHA-256, when its period follows this one.\n\n",
        "   Het volgende dossier begint met die laatste SHA-256, als de periode ervan "
        "aansluit.\n\n");
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
        "    [ \"$named\" = \"$found\" ] && echo \"$(echo \"$found\" | wc -l) manifests, as the "
        "journal says\" || echo \"THEY DIFFER\"\n\n"
        "   -> %" PRIu64 " manifests, as the journal says\n\n",
        e->manifests);
    say(t, d, "5. The manifests form one chain.\n\n", "5. De manifesten vormen één keten.\n\n");
    text_addf(t,
              "    find evidence/manifests -type f | while read -r file; do\n"
              "        echo \"$(grep -o '\"chain_no\":[0-9]*' \"$file\" | cut -d : -f 2) $file\"\n"
              "    done | sort -n | {\n"
              "        previous=%s\n"
              "        while read -r number file; do\n"
              "            grep -q \"\\\"previous_sha256\\\":\\\"$previous\\\"\" \"$file\" || echo "
              "\"DOES NOT FOLLOW: $file\"\n"
              "            previous=$(sha256sum <\"$file\" | cut -c 1-64)\n"
              "            last=$number\n"
              "        done\n"
              "        echo \"the chain ends with number $last\"\n"
              "    }\n\n"
              "   -> the chain ends with number %" PRIu64 "\n\n",
              e->previous_manifest, e->first_no + e->manifests - 1);
    say(t, d, "6. How many persons that were: to compare with the reports.\n\n",
        "6. Hoeveel personen dat waren: om met de rapporten te vergelijken.\n\n");
    text_addf(
        t,
        "    find evidence/manifests -type f -exec grep -o '\"reference\":\"' {} + | wc -l\n\n"
        "   -> %" PRIu64 "\n\n",
        e->subjects);
}

static void add_rest(struct text *t, const struct document *d)
{
    say(t, d,
        "What this pack cannot show\n"
        "--------------------------\n"
        "The archive files themselves are not in it: they hold personal data, are sealed for the\n"
        "data protection officer, and are destroyed after their term.  Each manifest names its "
        "file\n"
        "with size and SHA-256, to be compared at the organisation (waarborg archive verify).  "
        "And\n"
        "whether the end of journal and archive was cut off alike shows only against an earlier\n"
        "pack, or a copy of the journal kept elsewhere.\n",
        "Wat dit dossier niet kan aantonen\n"
        "---------------------------------\n"
        "De archiefbestanden zelf zitten er niet in: die bevatten persoonsgegevens, zijn "
        "verzegeld\n"
        "voor de functionaris gegevensbescherming, en worden na hun termijn vernietigd.  Elk\n"
        "manifest noemt zijn bestand met grootte en SHA-256, te vergelijken bij de organisatie\n"
        "(waarborg archive verify).  En of van journaal en archief beide het einde is afgeknipt\n"
        "blijkt alleen uit een eerder dossier, of uit een elders bewaarde kopie van het "
        "journaal.\n");
}

void pack_readme_add(struct text *t, const struct document *d, const struct pack_evidence *evidence,
                     bool with_signature)
{
    add_heading(t, d);
    add_contents(t, d);
    add_how(t, d);
    add_sums_step(t, d);
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
