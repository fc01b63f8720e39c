import { Cartesian3, Matrix4 } from 'cesium'
import type { Basis } from '../globe/camera/project.ts'

const eye = new Cartesian3()
const local = new Matrix4()

/**
 * Brings a collection nearer to the eye without moving it on the screen: it shrinks by `part` about the eye. A point or a line on the ground is
 * drawn upright, so without this the ground before it would cut off its lower half. The collection's draw command holds this same matrix, so
 * writing into it is enough.
 */
export function liftTowardsEye(base: Matrix4, basis: Basis, part: number, result: Matrix4): Matrix4 {
  Cartesian3.fromElements(basis.eye[0] * part, basis.eye[1] * part, basis.eye[2] * part, eye)
  Matrix4.fromTranslation(eye, local)
  Matrix4.multiplyByUniformScale(local, 1 - part, local)
  return Matrix4.multiply(base, local, result)
}
