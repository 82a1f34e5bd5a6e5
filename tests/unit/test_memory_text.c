#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/text.h"

/* Lets the address sanitizer answer NULL as the C library does, instead of ending the process. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void test_alloc(void **state)
{
    (void)state;
    CLEANUP(memory_release) unsigned char *block = memory_alloc(1000);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(block[i], 0);
    CLEANUP(memory_release) void *nothing = memory_alloc(0);
    assert_non_null(nothing);
    CLEANUP(memory_release) void *shrunk = memory_resize(memory_alloc(8), 0, 8);
    assert_non_null(shrunk);
    memory_release(&block);
    assert_null(block);
}

static void test_copies(void **state)
{
    (void)state;
    assert_null(memory_copy_text(NULL));
    CLEANUP(memory_release) char *copy = memory_copy_text("abc");
    CLEANUP(memory_release) char *made = memory_format("%s-%d-%s", copy, 7, "");
    assert_string_equal(made, "abc-7-");
}

static void test_grow(void **state)
{
    (void)state;
    CLEANUP(memory_release) size_t *items = NULL;
    size_t count = 0;
    size_t capacity = 0;
    for (; count < 1000; count++) {
        MEMORY_GROW(items, count, capacity);
        assert_true(capacity > count);
        items[count] = count;
    }
    for (size_t i = 0; i < count; i++)
        assert_int_equal(items[i], i);
}

static void want_too_much(int which)
{
    void *block = which == 0   ? memory_alloc(SIZE_MAX / 2)
                  : which == 1 ? memory_resize(NULL, SIZE_MAX / 2, 1)
                               : memory_resize(NULL, SIZE_MAX / 2 + 2, 2); /* wraps to 2 */
    _exit(block == NULL ? 98 : 99);
}

/* Exit code 3 at once, with a sentence. */
static void test_out_of_memory(void **state)
{
    (void)state;
    for (int which = 0; which < 3; which++) {
        int ends[2];
        char said[4096];
        size_t length = 0;
        ssize_t got;
        int status = 0;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            dup2(ends[1], STDERR_FILENO);
            want_too_much(which);
        }
        close(ends[1]);
        while ((got = read(ends[0], said + length, sizeof said - 1 - length)) > 0)
            length += (size_t)got;
        close(ends[0]);
        said[length] = '\0';
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 3);
        assert_non_null(strstr(said, "waarborg: out of memory\n"));
    }
}

static void test_text_life(void **state)
{
    (void)state;
    CLEANUP(text_free) struct text t = {0};
    assert_string_equal(text_get(&t), "");
    text_separate(&t, ", ");
    text_add(&t, "");
    assert_string_equal(text_get(&t), "");
    text_add(&t, "one");
    text_separate(&t, ", ");
    text_addf(&t, "%s %d", "two", 2);
    text_addf(&t, "%s", "");
    assert_string_equal(text_get(&t), "one, two 2");
    assert_int_equal(t.length, 10);

    const char *memory = t.data;
    text_clear(&t);
    assert_int_equal(t.length, 0);
    assert_string_equal(text_get(&t), "");
    assert_ptr_equal(t.data, memory);

    text_add(&t, "kept");
    CLEANUP(memory_release) char *taken = text_take(&t);
    assert_string_equal(taken, "kept");
    assert_null(t.data);
    CLEANUP(memory_release) char *empty = text_take(&t);
    assert_string_equal(empty, "");
    text_free(&t);
    text_free(&t);
}

static void test_text_bytes(void **state)
{
    (void)state;
    CLEANUP(text_free) struct text t = {0};
    text_add_bytes(&t, NULL, 0);
    assert_string_equal(text_get(&t), "");
    text_add_bytes(&t, "a\0b", 3);
    text_add_bytes(&t, "c", 1);
    assert_int_equal(t.length, 4);
    assert_memory_equal(t.data, "a\0bc", 5);
}

/* Every length around a doubling, by each way of adding. */
static void test_text_growth(void **state)
{
    (void)state;
    char piece[300];
    memset(piece, 'x', sizeof piece);
    for (size_t length = 0; length < sizeof piece; length++) {
        CLEANUP(text_free) struct text added = {0};
        CLEANUP(text_free) struct text formatted = {0};
        text_add_bytes(&added, piece, length);
        text_addf(&formatted, "%.*s", (int)length, piece);
        assert_int_equal(strlen(text_get(&added)), length);
        assert_int_equal(formatted.length, length);
        assert_string_equal(text_get(&added), text_get(&formatted));
        text_addf(&added, "%s|", text_get(&formatted));
        assert_int_equal(added.length, 2 * length + 1);
        assert_string_equal(added.data + 2 * length, "|");
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc),       cmocka_unit_test(test_copies),
        cmocka_unit_test(test_grow),        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_text_life),   cmocka_unit_test(test_text_bytes),
        cmocka_unit_test(test_text_growth),
    };
    return cmocka_run_group_tests_name("memory_text", tests, NULL, NULL);
}
