/** What real tests stand on: file systems on loop devices, mount namespaces, system calls that fail when told to. */
package dev.veneer.node.testkit;
