package dev.veneer.node.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A base image's tree in the store, durably: {@code bases/HEX/meta.json} and what lies beside it.
 *
 * @param digest its name
 * @param bytes sum of the sizes of its distinct files
 * @param files number of its paths
 * @param importedAt when it was imported
 * @param forms the forms in which it lies here
 * @param unreferencedSince since when no sliver and no kept revision uses it, or null while one does
 * @param keepUnreferenced how long it is kept after that; as its BaseImages last said
 */
public record BaseRecord(
        Digest digest,
        long bytes,
        long files,
        Instant importedAt,
        Set<BaseForm> forms,
        @Nullable Instant unreferencedSince,
        Duration keepUnreferenced) {
    public BaseRecord {
        forms = Set.copyOf(forms);
    }

    /** The same base, unreferenced since then (null: referenced), and kept for so long. */
    public BaseRecord marked(@Nullable Instant since, Duration keep) {
        return new BaseRecord(digest, bytes, files, importedAt, forms, since, keep);
    }
}
