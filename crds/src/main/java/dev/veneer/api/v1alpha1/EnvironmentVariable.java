package dev.veneer.api.v1alpha1;

import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * A variable in the environment of a sliver's first process.
 *
 * @param name its name
 * @param value its value
 */
public record EnvironmentVariable(
        @Required @Pattern("^[A-Za-z_][A-Za-z0-9_]*$") @Size(min = 1, max = 128) String name,
        @Required @Pattern("^[^\\x00-\\x08\\x0a-\\x1f\\x7f]*$") @Size(max = 4096) String value) {}
