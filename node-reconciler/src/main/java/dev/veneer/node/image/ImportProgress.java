package dev.veneer.node.image;

import java.time.Duration;

/**
 * How far an import is.
 *
 * @param readBytes bytes of the source read so far
 * @param totalBytes bytes of the source in all, or -1 when that is not known
 * @param writtenBytes bytes of files written so far
 * @param files entries done so far
 * @param elapsed time since it began
 */
public record ImportProgress(long readBytes, long totalBytes, long writtenBytes, long files, Duration elapsed) {
    /** Bytes read in a second, on average. */
    public long bytesPerSecond() {
        long millis = Math.max(1, elapsed.toMillis());
        return readBytes * 1000 / millis;
    }
}
