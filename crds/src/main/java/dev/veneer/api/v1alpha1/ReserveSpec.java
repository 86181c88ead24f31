package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.QUANTITY;
import static dev.veneer.api.v1alpha1.Forms.QUANTITY_MAX;
import static dev.veneer.api.v1alpha1.Forms.QUANTITY_WHOLE;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;

/**
 * Space that is not given away.
 *
 * @param minFree below this many free bytes nothing new is begun
 */
public record ReserveSpec(
        @Default("500Mi") @IntOrString(max = QUANTITY_WHOLE) @Pattern(QUANTITY) @Size(max = QUANTITY_MAX)
                String minFree) {}
