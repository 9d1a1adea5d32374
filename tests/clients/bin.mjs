// Where npm put a program of the folder that the caller stands in.
import { fileURLToPath } from 'node:url';

export const bin = (meta, name) => fileURLToPath(
    new URL(`node_modules/.bin/${name}`, meta.url));
