package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.DNS_LABEL;
import static dev.veneer.api.v1alpha1.Forms.LABEL_MAX;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * A sliver of the same node, as it is: its base with what its owner changed.
 *
 * @param namespace the sliver's namespace
 * @param name the sliver's name
 */
public record SliverSource(
        @Default("default") @Pattern(DNS_LABEL) @Size(min = 1, max = LABEL_MAX) String namespace,
        @Required @Pattern(DNS_LABEL) @Size(min = 1, max = LABEL_MAX) String name) {}
