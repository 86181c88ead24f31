package dev.veneer.node.image;

import dev.veneer.node.model.ImageSource;
import org.jspecify.annotations.Nullable;

/**
 * An import to do.
 *
 * @param source where the content comes from
 * @param stagingDirectory absolute path of an existing, empty directory of the store, 0700; gets {@code dir}, the tree,
 *     and {@code manifest}
 * @param limits what is refused as too much
 * @param secretsDirectory absolute path of the directory of secrets ({@code --secrets}), a directory for each; null
 *     when there is none
 * @param sliver for a source that is a sliver, what it sees; else null
 */
public record ImportRequest(
        ImageSource source,
        String stagingDirectory,
        ImportLimits limits,
        @Nullable String secretsDirectory,
        @Nullable SliverTree sliver) {
    /** An import of a source that is no sliver. */
    public ImportRequest(
            ImageSource source, String stagingDirectory, ImportLimits limits, @Nullable String secretsDirectory) {
        this(source, stagingDirectory, limits, secretsDirectory, null);
    }
}
