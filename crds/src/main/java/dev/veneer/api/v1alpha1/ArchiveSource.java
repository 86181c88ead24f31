package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.DIGEST;
import static dev.veneer.api.v1alpha1.Forms.DIGEST_MAX;
import static dev.veneer.api.v1alpha1.Forms.URL;
import static dev.veneer.api.v1alpha1.Forms.URL_MAX;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tar archive, plain or compressed with gzip, xz or zstd.
 *
 * @param url where it lies: file:///path, http:// or https://
 * @param digest sha256:HEX of the archive file; checked when given
 * @param mirrors further URLs of the same archive, tried in order when url fails
 * @param secretRef credentials for http(s): keys username and password, or token
 * @param caSecretRef key ca.crt: the certificate authority that https servers are checked against
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ArchiveSource(
        @Required @Pattern(URL) @Size(min = 1, max = URL_MAX) String url,
        @Nullable @Pattern(DIGEST) @Size(max = DIGEST_MAX) String digest,
        @Size(max = 8) List<@Pattern(URL) @Size(min = 1, max = URL_MAX) String> mirrors,
        @Nullable SecretRef secretRef,
        @Nullable SecretRef caSecretRef) {
    public ArchiveSource {
        mirrors = Lists.orEmpty(mirrors);
    }
}
