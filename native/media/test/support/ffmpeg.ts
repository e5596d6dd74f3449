/** The ffmpeg and ffprobe programs as judges of what we write. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** ffprobe's entries of a file as JSON, and everything it complained about. */
export async function ffprobe(file: string): Promise<{ complaints: string; entries: Probe }> {
  const { stdout, stderr } = await run("ffprobe", [
    ...["-v", "warning", "-of", "json", "-count_packets"],
    ...["-show_entries", "stream=codec_name,width,height,start_time,duration,nb_read_packets:format=duration"],
    file,
  ]);
  return { complaints: stderr, entries: JSON.parse(stdout) as Probe };
}

/** What ffprobe answers. */
export type Probe = {
  format: { duration: string };
  streams: {
    codec_name: string;
    width?: number;
    height?: number;
    start_time: string;
    duration: string;
    nb_read_packets: string;
  }[];
};

/** What ffmpeg complains about when it decodes a whole file. */
export async function decodeComplaints(file: string): Promise<string> {
  return (await run("ffmpeg", ["-nostdin", "-v", "warning", "-i", file, "-f", "null", "-"])).stderr;
}

/** MD5 of every decoded picture, as yuv420p without gaps. */
export async function frameMd5s(file: string): Promise<string[]> {
  const { stdout } = await run("ffmpeg", [
    ...["-nostdin", "-v", "error", "-i", file, "-map", "0:v:0", "-pix_fmt", "yuv420p", "-f", "framemd5", "-"],
  ]);
  return stdout.split("\n").flatMap((line) => (/^0,/.test(line) ? [line.split(",").at(-1)?.trim() ?? ""] : []));
}
