/* fuzz: what the fuzz targets share.  A target is one file: it gives LLVMFuzzerTestOneInput and
 * LLVMFuzzerCustomMutator to libFuzzer and asserts with REQUIRE, so that a property that does not
 * hold is found like a crash.  Every target runs in one thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/error.h"
#include "common/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size); /* libFuzzer's own */

/* What must hold whatever the input was. */
#define REQUIRE(condition, ...)                                             \
    do {                                                                    \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition); \
            fprintf(stderr, __VA_ARGS__);                                   \
            fputc('\n', stderr);                                            \
            abort();                                                        \
        }                                                                   \
    } while (0)

/* A kind, and a sentence that can be shown: not empty, UTF-8 without control characters. */
void fuzz_check_error(const struct error *err);

/* One line at exit says how often each of these was reached: "reached: accepted 12, ...".  Smoke
 * runs demand that the depths of a target were; name is a literal, compared by address. */
void fuzz_reached(const char *name);

/* Most mutations of what is refused are refused too, and for the same reason.  So what was accepted
 * is kept (the last few), and now and then a mutation starts from one of those: fuzz_go_back puts
 * it into data, or leaves data as it is, and gives the size. */
void fuzz_keep(const void *bytes, size_t length);
size_t fuzz_go_back(uint8_t *data, size_t size, size_t max_size, unsigned *seed);

/* A path in a directory of this process (in TMPDIR), removed at exit.  Borrowed for ever. */
const char *fuzz_path(const char *name);
void fuzz_store(const char *path, const void *bytes, size_t length, unsigned mode);
void fuzz_load(const char *path, struct text *ret);

unsigned fuzz_next(unsigned *seed); /* a row of numbers from one seed */

/* A number that the input alone decides. */
uint64_t fuzz_hash(const void *bytes, size_t length);

/* The input as a row of decisions; gives zeros when it is used up. */
struct decisions {
    const uint8_t *at;
    size_t left;
};
uint8_t decide(struct decisions *d);
unsigned decide_wide(struct decisions *d); /* 0..65535 */
const char *decide_bytes(struct decisions *d, size_t length, size_t *ret_length);

/* Mutates text by whole tokens: words, numbers, quoted texts, brackets with what they hold. */
size_t tokens_mutate(uint8_t *data, size_t size, size_t max_size, unsigned seed);
/* Mutates DER or BER by whole elements, and mends the lengths around them. */
size_t elements_mutate(uint8_t *data, size_t size, size_t max_size, unsigned seed);
