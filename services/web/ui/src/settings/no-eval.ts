/**
 * The page's policy allows no code made from text. zod would try, be refused, and the browser's console would tell of it.
 * Its own module, because it must run before the first schema is made.
 */
import { config } from "zod";

config({ jitless: true });
