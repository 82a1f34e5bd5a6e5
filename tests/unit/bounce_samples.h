/* bounce_samples: returned mail as different mail systems write it. */
#pragma once

struct sample {
    const char *name;
    const char *mail;
    const char *visits;            /* "id action status\n" for each recipient */
    int report, unnamed, returned; /* as counted */
};

#define ID "DL-2026-0007.k.4f1d@waarborg.example.org"
#define REPORT "Content-Type: multipart/report; report-type=delivery-status;\n boundary=\"b1\"\n"
#define TOP "From: MAILER-DAEMON@mx.example\nTo: security@example.org\nSubject: Undelivered\n"
#define WORDS "--b1\nContent-Type: text/plain\n\nI am sorry.\n\n"
#define STATUS "--b1\nContent-Type: message/delivery-status\n\n"
#define ABOUT "Reporting-MTA: dns; mx.example\nArrival-Date: Mon, 26 Oct 2026 13:00:00 +0100\n\n"
#define WHO "Final-Recipient: rfc822; jan@example.nl\n"
#define FAILED WHO "Action: failed\nStatus: 5.1.1\n\n"
#define LETTER "From: security@example.org\nMessage-ID: <" ID ">\nSubject: A letter\n\nDear Jan\n\n"
#define RETURNED "--b1\nContent-Type: message/rfc822\n\n" LETTER
#define END "--b1--\n"

static const char report_start[] =
    TOP "MIME-Version: 1.0\n" REPORT "\n" WORDS STATUS "Reporting-MTA: dns; mx.example\n";

static const struct sample samples[] = {
    {"whole", TOP REPORT "\n" WORDS STATUS ABOUT FAILED RETURNED END, ID " failed 5.1.1\n", 1, 0,
     1},
    {"Postfix: header only, descriptions on each part, X- fields",
     "Return-Path: <>\nReceived: by mx.example (Postfix)\n\tid 4XyZ; Mon, 26 Oct 2026 13:00:00 "
     "+0100\nAuto-Submitted: auto-replied\n" TOP "MIME-Version: 1.0\n" REPORT
     "Content-Transfer-Encoding: 8bit\n\nThis is a MIME-encapsulated message.\n\n"
     "--b1\nContent-Description: Notification\nContent-Type: text/plain; charset=utf-8\n\nSorry\n\n"
     "--b1\nContent-Description: Delivery report\nContent-Type: message/delivery-status\n\n"
     "Reporting-MTA: dns; mx.example\nX-Postfix-Queue-ID: 4XyZ\nX-Postfix-Sender: rfc822; "
     "security@example.org\n\n"
     "Final-Recipient: rfc822; jan@example.nl\nOriginal-Recipient: rfc822;jan@example.nl\n"
     "Action: failed\nStatus: 5.2.2\nRemote-MTA: dns; mail.example.nl\n"
     "Diagnostic-Code: smtp; 552 5.2.2 <jan@example.nl>: mailbox\n    full\n\n"
     "--b1\nContent-Description: Undelivered Message Headers\nContent-Type: "
     "text/rfc822-headers\n\n"
     "Return-Path: <security@example.org>\nTo: jan@example.nl\nMessage-Id:\n <" ID ">\n\n" END,
     ID " failed 5.2.2\n", 1, 0, 1},
    {"Exim: status before its number in the other order, returned whole",
     "X-Failed-Recipients: jan@example.nl\nAuto-Submitted: auto-replied\n" TOP
     "Content-Type: multipart/report; report-type=delivery-status; boundary=b1\n\n"
     "--b1\nContent-type: text/plain; charset=us-ascii\n\nThis message was created "
     "automatically\n\n"
     "--b1\nContent-type: message/delivery-status\n\nReporting-MTA: dns; exim.example\n\n"
     "Action: failed\nFinal-Recipient: rfc822;jan@example.nl\nStatus: 5.0.0\n\n"
     "--b1\nContent-type: message/rfc822\n\nReturn-path: <security@example.org>\n" LETTER END,
     ID " failed 5.0.0\n", 1, 0, 1},
    {"Exchange: HTML for people, two parts of headers, thread of the mail",
     TOP
     "In-Reply-To: <" ID ">\nReferences: <" ID ">\nThread-Topic: A letter\n"
     "Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"b1\"\n\n"
     "--b1\nContent-Type: multipart/alternative; differences=Content-Type;\n\tboundary=\"b2\"\n"
     "\n--b2\nContent-Type: text/plain\n\nDelivery has failed\n--b2\nContent-Type: text/html\n\n"
     "<p>Delivery has failed</p>\n--b2--\n\n" STATUS
     "Reporting-MTA: dns;EX01.example.local\nReceived-From-MTA: dns;gw.example\n"
     "Arrival-Date: Mon, 26 Oct 2026 12:00:00 +0000\n\n"
     "Final-Recipient: rfc822;jan@example.nl\nAction: failed\nStatus: 5.7.1\n"
     "Diagnostic-Code: smtp;550 5.7.1 RESOLVER.RST; not\n\tauthorized\n"
     "X-Display-Name: Jan Jansen\n\n" RETURNED END,
     ID " failed 5.7.1\n", 1, 0, 1},
    {"delayed is not returned",
     TOP REPORT "\n" WORDS STATUS ABOUT WHO
                "Action: delayed\nStatus: 4.4.1\nWill-Retry-Until: x\n\n" RETURNED END,
     ID " delayed 4.4.1\n", 1, 0, 0},
    {"several recipients, each with its own action",
     TOP REPORT "\n" WORDS STATUS ABOUT FAILED "Final-Recipient: rfc822; b@c.d\nACTION: Delivered "
                "(to mailbox)\nStatus: 2.0.0 (ok)\n\nFinal-Recipient: rfc822; "
                "e@f.g\nAction:relayed\nStatus:2.1.9\n\n\nFinal-Recipient: rfc822; "
                "l@i.st\nAction: expanded\nStatus: 2.0.0\n\n" RETURNED END,
     ID " failed 5.1.1\n" ID " delivered 2.0.0\n" ID " relayed 2.1.9\n" ID " expanded 2.0.0\n", 1,
     0, 1},
    {"no empty line after what is about the message",
     TOP REPORT "\n" WORDS STATUS "Reporting-MTA: dns; mx.example\n" FAILED RETURNED END,
     ID " failed 5.1.1\n", 1, 0, 1},
    {"action and status folded, or not to be understood",
     TOP REPORT "\n" WORDS STATUS ABOUT WHO "Action:\n failed\nStatus:\n\t5.1.10\n\n" WHO
                "Action: failure\nStatus: 5.1\n\n" WHO "Status: 9.1.1\n\n" WHO
                "Action: failed\nStatus: 5.1.1.1\n\n" WHO
                "Action: failed\nStatus: 5.1234.1\n\n" RETURNED END,
     ID " failed 5.1.10\n" ID " unknown \n" ID " unknown \n" ID " failed \n" ID " failed \n", 1, 0,
     3},
    {"the last boundary is missing", TOP REPORT "\n" WORDS STATUS ABOUT FAILED RETURNED,
     ID " failed 5.1.1\n", 1, 0, 1},
    {"base64",
     TOP REPORT "\n" WORDS
                "--b1\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n"
                "UmVwb3J0aW5nLU1UQTogZG5zOyBteAoKRmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFAYi5jCkFj\n"
                "dGlvbjogZmFpbGVkClN0YXR1czogNS4xLjEK\n" RETURNED END,
     ID " failed 5.1.1\n", 1, 0, 1},
    {"letters outside ASCII (RFC 6533)",
     TOP REPORT "\n" WORDS "--b1\nContent-Type: message/global-delivery-status\n\n" ABOUT
                "Final-Recipient: utf-8; zoë@example.nl\nAction: failed\nStatus: 5.6.7\n\n"
                "--b1\nContent-Type: message/global-headers\n\nSubject: é\nMessage-ID: <" ID
                ">\n\n" END,
     ID " failed 5.6.7\n", 1, 0, 1},
    {"nothing returned, but an answer to our mail",
     "In-Reply-To: <" ID ">\n" TOP REPORT "\n" WORDS STATUS ABOUT FAILED END, ID " failed 5.1.1\n",
     1, 0, 1},
    {"nothing says which mail it is about", TOP REPORT "\n" WORDS STATUS ABOUT FAILED END, "", 1, 1,
     0},
    {"an id that cannot be ours",
     TOP REPORT "\n" WORDS STATUS ABOUT FAILED
                "--b1\nContent-Type: text/rfc822-headers\n\nMessage-ID: <no id>\n\n" END,
     "", 1, 1, 0},
    {"an empty status part", TOP REPORT "\n" WORDS STATUS "\n" RETURNED END, "", 1, 0, 0},
    {"a read receipt",
     TOP
     "Content-Type: multipart/report; report-type=disposition-notification; boundary=b1\n\n" WORDS
     "--b1\nContent-Type: message/disposition-notification\n\nOriginal-Message-ID: <" ID
     ">\nDisposition: manual-action/MDN-sent-manually; displayed\n\n" END,
     "", 0, 0, 0},
    {"a bounce that somebody forwards",
     TOP "Content-Type: multipart/mixed; boundary=b0\n\n--b0\nContent-Type: message/rfc822\n\n" TOP
         REPORT "\n" WORDS STATUS ABOUT FAILED RETURNED END "--b0--\n",
     "", 0, 0, 0},
    {"a holiday notice",
     "From: jan@example.nl\nIn-Reply-To: <" ID ">\nAuto-Submitted: auto-replied\n\nAway.\n", "", 0,
     0, 0},
    {"the words of a bounce in the text of a mail", TOP "\n" STATUS ABOUT FAILED RETURNED, "", 0, 0,
     0},
    {"a report without its boundary",
     TOP
     "Content-Type: multipart/report; report-type=delivery-status\n\n" WORDS STATUS ABOUT FAILED,
     "", 0, 0, 0},
    {"no mail at all", "\001\002\003 rubbish\n\n\377\376", "", 0, 0, 0},
};
