package io.datawarehouse.kernel.secret;

import io.datawarehouse.sdk.security.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Secrets in a directory, one file each, called like the secret: the form in which orchestrators
 * mount them. A line end at the end does not belong to the secret. Thread-safe.
 */
final class SecretDirectory implements SecretSource {

  private final Path directory;

  SecretDirectory(Path directory) {
    this.directory = directory;
  }

  @Override
  public Optional<Secret> find(String name) {
    Path file = directory.resolve(name);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    PrivateFile.requireOwnerWrites(file);
    return Optional.of(Secret.of(PrivateFile.readLine(file)));
  }
}
