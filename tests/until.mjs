// What all tests in JavaScript wait with: for an event, never for a time to pass.

/** How much slower than usual the program may be. */
export const SLOWER = Number(process.env.E2E_SLOWER || 1);

// A sanitizer makes the program some five times slower, a busy machine more so,
// an emulator more still.
export const LIMIT_MS = 30000 * SLOWER;

/**
 * Wait until `look()` returns something true, and return that.  The limit is there only so that
 * a broken program ends the run.
 */
export async function until(look, what = look.toString(), limit = LIMIT_MS) {
	const began = Date.now();

	for (;;) {
		const seen = await look();

		if (seen)
			return seen;
		if (Date.now() - began > limit)
			throw new Error(`waited in vain for: ${what}`);
		await new Promise((go) => setTimeout(go, 5));
	}
}
