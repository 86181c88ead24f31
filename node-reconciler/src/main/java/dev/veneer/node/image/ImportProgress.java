package dev.veneer.node.image;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

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
    /** How much of the source was read, in percent; null when that cannot be told. */
    public @Nullable Integer percent() {
        return totalBytes <= 0 ? null : (int) Math.min(100, Math.max(0, readBytes * 100 / totalBytes));
    }

    /** Bytes read in a second, on average. */
    public long bytesPerSecond() {
        long millis = Math.max(1, elapsed.toMillis());
        return readBytes * 1000 / millis;
    }
}
