/*
 * poison - tells AddressSanitizer which memory nobody may touch, in builds that
 * have it.
 */
#ifndef BASE_POISON_H
#define BASE_POISON_H

#if defined(__SANITIZE_ADDRESS__)
#define POISONING 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONING 1
#endif
#endif

#ifdef POISONING
#include <sanitizer/asan_interface.h>
#define POISON(at, n)	ASAN_POISON_MEMORY_REGION(at, n)
#define UNPOISON(at, n)	ASAN_UNPOISON_MEMORY_REGION(at, n)
#else
#define POISON(at, n)	((void)(at), (void)(n))
#define UNPOISON(at, n)	((void)(at), (void)(n))
#endif

#endif
