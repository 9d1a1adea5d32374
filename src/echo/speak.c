#include "echo/speak.h"

struct slice
speak_sentence(unsigned status)
{
	static const struct {
		unsigned	 status;
		struct slice	 sentence;
	} sentences[] = {
		{ 400, SLICE_INIT("The request is not valid.") },
		{ 401, SLICE_INIT("Incorrect API key provided.") },
		{ 402, SLICE_INIT("Your credit balance is too low.") },
		{ 403, SLICE_INIT("You may not use this model.") },
		{ 404, SLICE_INIT("The model does not exist or you do not "
		    "have access to it.") },
		{ 408, SLICE_INIT("The request took too long to arrive.") },
		{ 413, SLICE_INIT("The request is too large.") },
		{ 429, SLICE_INIT("Rate limit reached. Please try again "
		    "later.") },
		{ 500, SLICE_INIT("The server had an error while processing "
		    "your request.") },
		{ 503, SLICE_INIT("The engine is currently overloaded, please "
		    "try again later.") },
		{ 529, SLICE_INIT("Overloaded") },
	};

	for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
		if (sentences[i].status == status)
			return sentences[i].sentence;
	return SLICE("The request failed.");
}
