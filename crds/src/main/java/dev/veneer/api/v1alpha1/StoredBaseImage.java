package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.DIGEST_MAX;
import static dev.veneer.api.v1alpha1.Forms.LABEL_MAX;
import static dev.veneer.api.v1alpha1.Forms.MESSAGE_MAX;
import static dev.veneer.api.v1alpha1.Forms.UID_MAX;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * One base image on one store.
 *
 * @param name the BaseImage
 * @param uid which object of that name this row is about: one that was deleted and made again has another. Absent where the
 *     node does not know it
 * @param digest the digest of its content
 * @param state how far it is
 * @param bytes the bytes that it takes
 * @param progress how much of it is imported, in percent, where that can be told
 * @param reason why it is not Ready, or what keeps it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StoredBaseImage(
        @Required @Size(min = 1, max = LABEL_MAX) String name,
        @Nullable @Size(max = UID_MAX) String uid,
        @Nullable @Size(max = DIGEST_MAX) String digest,
        @Required State state,
        @Nullable @Min(0) Long bytes,
        @Nullable @Min(0) @Max(100) Integer progress,
        @Nullable @Size(max = MESSAGE_MAX) String reason) {

    /** How far a base image is. */
    public enum State {
        /** Not begun yet. */
        Pending,
        /** Being imported. */
        Importing,
        /** Usable. */
        Ready,
        /** It could not be imported, or is damaged. */
        Failed
    }
}
