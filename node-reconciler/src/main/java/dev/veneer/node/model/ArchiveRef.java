package dev.veneer.node.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An archive to fetch and unpack.
 *
 * @param url {@code file:}, {@code http:} or {@code https:}
 * @param digest {@code sha256:…} of the archive file, or null when it is not given
 * @param mirrors other addresses of the same content, tried in order
 * @param secretName name of the secret with credentials, or null
 * @param caSecretName name of the secret with a CA certificate, or null
 */
public record ArchiveRef(
        String url,
        @Nullable String digest,
        List<String> mirrors,
        @Nullable String secretName,
        @Nullable String caSecretName) {
    public ArchiveRef {
        mirrors = List.copyOf(mirrors);
    }
}
