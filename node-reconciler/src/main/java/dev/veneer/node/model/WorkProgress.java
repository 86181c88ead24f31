package dev.veneer.node.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How far a stretch of long work is, whatever it does: files and bytes, how fast, and how long it will take still.
 *
 * @param files paths done so far
 * @param totalFiles paths in all, or 0 when that is not known
 * @param bytes bytes done so far
 * @param totalBytes bytes in all, or 0 when that is not known
 * @param elapsed time since it began
 */
public record WorkProgress(long files, long totalFiles, long bytes, long totalBytes, Duration elapsed) {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    /** Before, what comes is a guess at random. */
    private static final long SOON_MILLIS = 1000;

    /** Nothing yet. */
    public static final WorkProgress NONE = new WorkProgress(0, 0, 0, 0, Duration.ZERO);

    /** Of two that go on at once: what is not known of one of them is not known of both. */
    public WorkProgress with(WorkProgress other) {
        return new WorkProgress(
                files + other.files,
                totalFiles == 0 || other.totalFiles == 0 ? 0 : totalFiles + other.totalFiles,
                bytes + other.bytes,
                totalBytes == 0 || other.totalBytes == 0 ? 0 : totalBytes + other.totalBytes,
                elapsed.compareTo(other.elapsed) > 0 ? elapsed : other.elapsed);
    }

    /** How much of it is done, from 0 to 1, by bytes if these are known, else by files; -1 when that cannot be told. */
    public double share() {
        if (totalBytes > 0) {
            return Math.min(1, (double) bytes / totalBytes);
        }
        return totalFiles > 0 ? Math.min(1, (double) files / totalFiles) : -1;
    }

    /** Bytes in a second, on average. */
    public long bytesPerSecond() {
        return perSecond(bytes);
    }

    /** Files in a second, on average. */
    public long filesPerSecond() {
        return perSecond(files);
    }

    private long perSecond(long done) {
        return (long) (done * 1000.0 / Math.max(1, elapsed.toMillis()));
    }

    /** Seconds that it will take still if it goes on as until now; -1 when that cannot be told. */
    public long secondsLeft() {
        double share = share();
        if (share <= 0 || elapsed.toMillis() < SOON_MILLIS) {
            return -1;
        }
        return (long) Math.ceil(elapsed.toMillis() / 1000.0 * (1 - share) / share);
    }

    /** All of it for people: {@code 12,400 of 15,000 files, 210 of 400 MiB, 80 MiB/s, 3 s left}. */
    public String text() {
        List<String> parts = new ArrayList<>();
        if (files > 0 || totalFiles > 0) {
            parts.add(number(files, totalFiles) + (totalFiles == 0 && files == 1 ? " file" : " files"));
        }
        if (bytes > 0 || totalBytes > 0) {
            parts.add(amount(bytes, totalBytes));
        }
        if (elapsed.toMillis() >= SOON_MILLIS) {
            if (bytes > 0) {
                parts.add(amount(bytesPerSecond(), 0) + "/s");
            } else if (files > 0) {
                parts.add(String.format(Locale.ROOT, "%,d files/s", filesPerSecond()));
            }
        }
        long left = secondsLeft();
        if (left >= 0) {
            parts.add(time(left) + " left");
        }
        return String.join(", ", parts);
    }

    private static String number(long done, long total) {
        return total == 0
                ? String.format(Locale.ROOT, "%,d", done)
                : String.format(Locale.ROOT, "%,d of %,d", Math.min(done, total), total);
    }

    /** Both in the unit of the larger. */
    private static String amount(long done, long total) {
        double unit = 1;
        int name = 0;
        while (Math.max(done, total) / unit >= 999.5 && name < UNITS.length - 1) {
            unit *= 1024;
            name++;
        }
        String now = digits((total == 0 ? done : Math.min(done, total)) / unit, name);
        return (total == 0 ? now : now + " of " + digits(total / unit, name)) + " " + UNITS[name];
    }

    private static String digits(double value, int unit) {
        return String.format(Locale.ROOT, unit == 0 || value >= 9.95 || value == 0 ? "%.0f" : "%.1f", value);
    }

    private static String time(long seconds) {
        if (seconds < 120) {
            return seconds + " s";
        }
        long minutes = (seconds + 59) / 60;
        if (minutes < 120) {
            return minutes + " min";
        }
        return minutes / 60 + " h" + (minutes % 60 == 0 ? "" : " " + minutes % 60 + " min");
    }
}
