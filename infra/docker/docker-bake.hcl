# All images at once, by hand:  docker buildx bake --file infra/docker/docker-bake.hcl
# One of them:                  docker buildx bake --file infra/docker/docker-bake.hcl api
# ./conform builds the images of infra/inventory.yaml, each from the target "image" below.

# Where the build context has no .git: RENDER_GIT_COMMIT=$(git rev-parse HEAD) docker buildx bake ...
variable "RENDER_GIT_COMMIT" {
  default = null
}

group "default" {
  targets = ["api", "workers", "dashboard", "operations", "backup-nightly"]
}

target "image" {
  context = "."
  args    = { RENDER_GIT_COMMIT = RENDER_GIT_COMMIT }
}

target "by-name" {
  inherits   = ["image"]
  name       = name
  matrix     = { name = ["api", "workers", "dashboard", "operations", "backup-nightly"] }
  dockerfile = "infra/docker/${name}.Dockerfile"
  tags       = ["spectral/${name}:local"]
}
