/**
 * Package databases: dpkg, opkg, apk, rpm. The unit is the package: its record, its files and what else it registered
 * come from one side together.
 */
@NullMarked
package dev.veneer.node.tree.coupled.packages;

import org.jspecify.annotations.NullMarked;
