/* Gemini answers: bytes of any kind, and objects in any order. */
#include "answer.h"

#define CHUNK(members)	"data: {" members "}\r\n\r\n"
#define PARTS(parts) \
	CHUNK("\"candidates\":[{\"content\":{\"parts\":[" parts "]}}]")
#define END(reason) \
	CHUNK("\"candidates\":[{\"finishReason\":\"" reason "\"}]")

static const char *const parts[] = {
	CHUNK("\"responseId\":\"r\",\"modelVersion\":\"g\""),
	PARTS("{\"text\":\"hello\"}"), PARTS("{\"text\":\"\\u00e9 \\ud83d\"}"),
	PARTS("{\"text\":\"hm\",\"thought\":true}"),
	PARTS("{\"text\":\"\",\"thoughtSignature\":\"U0lH\"}"),
	PARTS("{\"thoughtSignature\":\"U0lH\"}"),
	PARTS("{\"functionCall\":{\"name\":\"f\",\"args\":{\"a\" : [1]}},"
	    "\"thoughtSignature\":\"U0lH\"}"),
	PARTS("{\"functionCall\":{\"name\":\"f\",\"id\":\"1\"}},"
	    "{\"functionCall\":{\"name\":\"g\",\"id\":\"1\"}}"),
	PARTS("{\"functionCall\":{\"name\":\"f\",\"willContinue\":true}}"),
	PARTS("{\"functionCall\":{\"partialArgs\":[{\"jsonPath\":\"$.a\","
	    "\"stringValue\":\"x\"}],\"willContinue\":true}}"),
	PARTS("{\"functionCall\":{\"partialArgs\":[{\"jsonPath\":\"$.b[0].c\","
	    "\"numberValue\":1},{\"jsonPath\":\"$.b[1]\",\"boolValue\":true},"
	    "{\"jsonPath\":\"$.b.d\"}],\"willContinue\":true}}"),
	PARTS("{\"functionCall\":{}}"),
	PARTS("{\"inlineData\":{\"mimeType\":\"image/png\","
	    "\"data\":\"QUJD\"}}"),
	PARTS("{\"inlineData\":{\"mimeType\":\"audio/wav\","
	    "\"data\":\"QUJD\"}}"),
	PARTS("{\"executableCode\":{\"language\":\"PYTHON\",\"code\":\"1\"}},"
	    "{\"codeExecutionResult\":{\"output\":\"1\"}}"),
	CHUNK("\"candidates\":[{\"groundingMetadata\":{\"groundingChunks\":["
	    "{\"web\":{\"uri\":\"u\",\"title\":\"t\"}}],\"groundingSupports\":"
	    "[{\"segment\":{\"startIndex\":1,\"endIndex\":9},"
	    "\"groundingChunkIndices\":[0,1]}]}}]"),
	CHUNK("\"candidates\":[{\"citationMetadata\":{\"citationSources\":["
	    "{\"startIndex\":1,\"endIndex\":3,\"uri\":\"u\"}]}}]"),
	CHUNK("\"candidates\":[{\"index\":1,\"content\":{\"parts\":[{"
	    "\"text\":\"no\"}]}}]"),
	CHUNK("\"usageMetadata\":{\"promptTokenCount\":5,"
	    "\"candidatesTokenCount\":3,\"thoughtsTokenCount\":2,"
	    "\"totalTokenCount\":12}"),
	CHUNK("\"promptFeedback\":{\"blockReason\":\"SAFETY\"}"),
	CHUNK("\"error\":{\"code\":503,\"message\":\"busy\",\"status\":"
	    "\"UNAVAILABLE\"}"),
	END("STOP"), END("MAX_TOKENS"), END("SAFETY"),
	END("MALFORMED_FUNCTION_CALL"), END("UNHEARD_OF"),
	"data: []\n\n", "data: {\n\n", ": comment\n\n",
	/* for whole bodies */
	"[", ",", "]", "{}",
	("{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]},"
	    "\"finishReason\":\"STOP\"}]}"),
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_answer(&protocol_gemini, parts, sizeof parts / sizeof *parts,
	    data, size);
	return 0;
}
