package dev.veneer.node.driver;

import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.Digest;

/**
 * A base image in one form.
 *
 * @param digest its name
 * @param form which form
 * @param path absolute path of the tree's root directory or subvolume
 */
public record BaseTree(Digest digest, BaseForm form, String path) {}
