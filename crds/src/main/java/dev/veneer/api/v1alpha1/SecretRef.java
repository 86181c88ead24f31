package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.DNS_SUBDOMAIN;
import static dev.veneer.api.v1alpha1.Forms.NODE_MAX;

import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * A secret, in the system namespace or, without Kubernetes, a directory below the one given by --secrets.
 *
 * @param name the secret's name
 */
public record SecretRef(@Required @Pattern(DNS_SUBDOMAIN) @Size(min = 1, max = NODE_MAX) String name) {}
